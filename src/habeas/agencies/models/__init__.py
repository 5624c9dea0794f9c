"""What is stored of other houses: letters between nodes, agreements and shares, operations."""

from habeas.agencies.models.nodes import *  # noqa: F403
from habeas.agencies.models.operations import *  # noqa: F403
from habeas.agencies.models.sharing import *  # noqa: F403
