"""Every official document: its layout, who tells what stands in it, its word in the register."""

from cases.documents.kinds.about import About, DocKind, Of
from cases.documents.kinds.care import CARE
from cases.documents.kinds.closing import CLOSING
from cases.documents.kinds.letters import LETTERS
from cases.documents.kinds.meetings import MEETINGS
from cases.documents.kinds.notices import NOTICES
from cases.documents.kinds.opinions import OPINIONS

KINDS = NOTICES | LETTERS | OPINIONS | CARE | CLOSING | MEETINGS

__all__ = ["KINDS", "About", "DocKind", "Of"]
