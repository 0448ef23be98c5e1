"""
Looking for what breaks, for as long as one likes: `make fuzz ARGS="--seconds 600"`.

Each module here is a harness. It begins with the invariant it defends and has one function, `attempt`, which tries
once with the chance it is handed and raises when the invariant does not hold. An attempt follows from its seed
alone, so the seed is all that a report needs. `python -m fuzz` finds the harnesses and shares the time among them;
then it runs the properties in `tests/` that carry the marker `fuzz`, with Hypothesis's `long` profile.
"""
