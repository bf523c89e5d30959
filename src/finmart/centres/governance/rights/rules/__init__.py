"""What is held of whom, what stays when the rest is deleted, and whose turn it is. Pure."""
