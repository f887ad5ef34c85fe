"""LVR with its gated head."""

from loops import lvr_simple

lvr_simple.HEAD = "glu"
from loops.lvr_simple import *  # noqa: E402, F403
