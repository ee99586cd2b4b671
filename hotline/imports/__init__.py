"""Files of residents, homes, numbers and unpaid fees, brought in on a page: looked at first, then taken in."""
