"""hotline: the telephone service desk of a property-management company."""
