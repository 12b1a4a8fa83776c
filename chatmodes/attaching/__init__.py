"""From what a person names (a file, an address, bytes) to a part of a message that every provider takes.

It happens once, when something is attached: a picture that is too large, turned or mislabelled would otherwise make
every later request of its conversation fail, since a history is sent again with each prompt.
"""

from chatmodes.attaching.attach import MOST, Part, attach, attach_bytes, attach_file, off_loop, picture, read_file
from chatmodes.attaching.errors import AttachError
from chatmodes.attaching.kinds import kind_of
from chatmodes.attaching.links import followed, leads_out

__all__ = [
    "MOST",
    "AttachError",
    "Part",
    "attach",
    "attach_bytes",
    "attach_file",
    "followed",
    "kind_of",
    "leads_out",
    "off_loop",
    "picture",
    "read_file",
]
