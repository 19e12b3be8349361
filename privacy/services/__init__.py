"""What the privacy pages do."""
