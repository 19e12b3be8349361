"""What the survey does, one file for each kind of action."""
