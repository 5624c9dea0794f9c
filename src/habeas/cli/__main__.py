import sys

from habeas.cli.main import main

sys.exit(main())
