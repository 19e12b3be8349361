"""The science of Kindred: from answers to a place, from places to likeness; pure, and usable in a notebook."""
