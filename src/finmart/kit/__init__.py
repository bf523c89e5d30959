"""What every room may use and no business word may enter."""
