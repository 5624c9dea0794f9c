"""What programs of others ask of this house: protocols, no pages."""
