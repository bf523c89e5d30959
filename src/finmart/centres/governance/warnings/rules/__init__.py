"""What a failure would do: pure, no Django, no clock."""
