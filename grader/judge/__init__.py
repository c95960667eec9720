"""The right side of the border: judges evidence. Student code never runs here."""
