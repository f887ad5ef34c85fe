"""LVR with its gated head."""

from lintel_reference.goldens.families.loops import lvr_simple

lvr_simple.HEAD = "glu"
from lintel_reference.goldens.families.loops.lvr_simple import *
