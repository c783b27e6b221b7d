"""Many clients for a long time: no error, no growth, and what an idle client costs."""
