"""What looks like a secret: rules, values and the scan that finds it in a text."""
