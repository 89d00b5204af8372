"""The informed consent of a focus group, as shown before anything else. A change of its meaning is a new version."""

from flask_babel import lazy_gettext as _l

#: Kept with each registration, with the language it was read in.
VERSION = 1
POINTS = (
    (_l("What it is"), _l("A talk of about ten people on one matter. A moderator asks, you answer as you think. There are no right answers.")),
    (_l("What is written down"), _l("What is said is written down word for word. You speak under a pseudonym that the product gives you; nobody sees who is behind it, "
                                    "the organisers neither.")),
    (_l("What becomes public"), _l("The transcript: your pseudonym, your age band, such as 25–34, and your district. Never your name, address or picture.")),
    (_l("What you risk"), _l("Others in the room see you and hear you. Do not say what could tell strangers who you are.")),
    (_l("You can leave"), _l("At any moment, without saying why, also after the transcript is public: one button on your own page removes everything you said.")),
)
