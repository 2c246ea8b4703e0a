"""`python -m weiquan.sealing` prints a new key ring. Needs no settings: these want the ring to be there."""

import sys

from weiquan.sealing.keys import new_key_ring

sys.stdout.write(new_key_ring() + "\n")
