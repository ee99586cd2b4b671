"""How much of quality waits for whoever looks: the badge beside the word, on every page. Pure."""

from typing import Literal

from hotline.web.shapes import Shape


class ReviewsWaiting(Shape):
    """Reviews about oneself not yet seen; of a supervisor also objections to answer and calls to score blind."""

    unseen: int = 0
    objections: int = 0
    calibrations: int = 0


class ReviewsChanged(Shape):
    """What of quality waits for whoever looks may have changed: a page that lists reviews reads them again."""

    type: Literal["reviews"] = "reviews"
    reviews: ReviewsWaiting
