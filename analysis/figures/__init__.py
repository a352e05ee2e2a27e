"""Result objects as matplotlib figures, with a text that says what they show."""
