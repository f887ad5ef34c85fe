"""UniVLR with its gated head."""

from lintel_reference.goldens.families.loops import univlr_simple

univlr_simple.HEAD = "glu"
from lintel_reference.goldens.families.loops.univlr_simple import *
