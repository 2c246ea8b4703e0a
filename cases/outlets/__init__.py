"""The ways out of the house: which addresses are allowed, how each kind is spoken to, who is reached how."""

from cases.outlets.addresses import AddressRefused, check_address, mask_address
from cases.outlets.reasons import in_words
from cases.outlets.senders import TIMEOUT, Message, NotSent, PostOffice, send
from cases.outlets.ways import deliveries_for, forget_outlets, next_digest

__all__ = [
    "TIMEOUT",
    "AddressRefused",
    "Message",
    "NotSent",
    "PostOffice",
    "check_address",
    "deliveries_for",
    "forget_outlets",
    "in_words",
    "mask_address",
    "next_digest",
    "send",
]
