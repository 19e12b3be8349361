"""Pages about other people. Nothing here computes a score for somebody whom the viewer chose."""
