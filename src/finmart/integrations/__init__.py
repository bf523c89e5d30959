"""What we do not own, each behind a client; a simulator beside it speaks the real wire format."""
