"""What operators keep: snapshots of metrics, and decisions."""
