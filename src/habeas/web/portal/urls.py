from django.urls import path

from habeas.web.portal import follow, report

app_name = "portal"
urlpatterns = [
    path("", report.file_report, name="report"),
    path("receipt/", report.show_receipt, name="receipt"),
    path("receipt/kept/", report.receipt_kept, name="receipt_kept"),
    path("follow/", follow.enter_receipt, name="follow"),
    path("follow/case/", follow.show_case, name="case"),
    path("follow/case/links/", follow.add_links, name="add_links"),
    path("follow/case/consent/", follow.say_consent, name="consent"),
    path("follow/stop/", follow.stop_following, name="stop_following"),
]
