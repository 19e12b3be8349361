"""What people do with their account, one file for each kind of action."""
