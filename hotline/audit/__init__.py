"""What people changed on the pages of staff and settings: who, when, before and after; append-only, chained."""
