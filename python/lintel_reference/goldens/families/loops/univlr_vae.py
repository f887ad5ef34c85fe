"""UniVLR with its variational head, of which the mean is fed."""

from lintel_reference.goldens.families.loops import univlr_simple

univlr_simple.HEAD = "vae"
from lintel_reference.goldens.families.loops.univlr_simple import *
