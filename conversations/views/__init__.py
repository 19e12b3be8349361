"""Pages of matches and what they open."""
