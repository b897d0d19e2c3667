"""A middleware behind the store of pages: it writes a line for each page that is made."""

import os


class CountingMiddleware:
    """Writes the path to the file that COUNT_MADE names."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        with open(os.environ["COUNT_MADE"], "a") as file:
            file.write(f"{request.get_full_path()}\n")
