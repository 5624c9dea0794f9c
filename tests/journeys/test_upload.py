"""Files go piece by piece while somebody still writes, over a line that breaks."""

from __future__ import annotations

import hashlib

from playwright.sync_api import Route

from habeas.cases import unsent
from habeas.kernel import clock

CONTENT = bytes(range(256)) * 4096 * 3


def test_a_file_arrives_whole_over_a_line_that_breaks(visitor, tmp_path, look):
    person, broken = visitor(), []
    page = person.page
    file = tmp_path / "screens.bin"
    file.write_bytes(CONTENT)

    def breaks(route: Route) -> None:
        # Every second piece gets lost on its way there.
        if route.request.method == "POST" and len(broken) < 2:
            broken.append(1)
            route.abort()
        else:
            route.continue_()

    person.go("/report/material/")
    page.route("**/report/files/**", breaks)
    page.get_by_label("Screenshots or files").set_input_files(file)
    page.get_by_text("Arrived and sealed").first.wait_for()
    person.complaints.clear()  # the browser tells of the line that broke
    look(person, "portal-files")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "unsent")
    kept = unsent.opened(token, at=clock.now())
    assert [(name, hashlib.sha256(content).digest()) for name, content in unsent.contents(kept)] == [
        ("screens.bin", hashlib.sha256(CONTENT).digest())
    ]
    page.get_by_role("button", name="Remove: screens.bin").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/report/about/")
    assert unsent.files_of(unsent.opened(token, at=clock.now())) == []


def test_a_file_too_large_is_refused_in_words(visitor, tmp_path, settings):
    settings.HABEAS_UPLOAD_BYTES = 1000
    person = visitor()
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * 1001)
    person.go("/report/material/")
    person.page.get_by_label("Screenshots or files").set_input_files(file)
    person.page.get_by_text("a file holds 1 to 1000 bytes").first.wait_for()
    person.complaints.clear()
