"""Electronic signatures on PDFs, and a demo certificate authority that signs until a licensed one is connected."""
