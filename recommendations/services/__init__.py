"""What the recommender does, one file for each kind of action."""
