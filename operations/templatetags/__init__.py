"""Template filters of the scoreboard."""
