from django.urls import path

from habeas.web.portal import follow, learn, receipt, report

app_name = "portal"
urlpatterns = [
    path("", report.start, name="start"),
    path("report/", report.begin, name="report"),
    path("report/all/", report.one_page, name="one_page"),
    path("report/files/", report.files, name="files"),
    path("report/<slug:page>/", report.step, name="step"),
    path("danger/", learn.emergency, name="emergency"),
    path("under-18/", learn.under_18, name="under_18"),
    path("tonight/", learn.safety, name="safety"),
    path("rights/", learn.rights_index, name="rights"),
    path("rights/<slug:place>/", learn.rights, name="rights_of"),
    path("receipt/", receipt.show_receipt, name="receipt"),
    path("receipt/kept/", receipt.receipt_kept, name="receipt_kept"),
    path("receipt/spare/", receipt.make_spare, name="make_spare"),
    path("receipt/lost/", receipt.use_spare, name="use_spare"),
    path("follow/", follow.enter_receipt, name="follow"),
    path("follow/case/", follow.show_case, name="case"),
    path("follow/case/links/", follow.add_links, name="add_links"),
    path("follow/case/consent/", follow.say_consent, name="consent"),
    path("follow/case/back/", follow.say_back, name="say_back"),
    path("follow/case/write/", follow.write, name="write"),
    path("follow/case/withdraw/", follow.withdraw, name="withdraw"),
    path("follow/case/rate/<slug:milestone>/", follow.rate, name="rate"),
    path("follow/case/reminder.ics", follow.reminder, name="reminder"),
    path("follow/stop/", follow.stop_following, name="stop_following"),
]
