"""What two people who matched do: write, read, ask each other, and part."""
