package api

import (
	"net/http"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
)

// Configuration is the function configuration.
func (a *API) Configuration() http.Handler { return a.mux(a.configurationCalls()...) }

func (a *API) configurationCalls() []operation {
	read, write := auth.Access{Right: auth.ConfigurationRead}, auth.Access{Right: auth.ConfigurationWrite}
	return []operation{
		{"GET /almaws/v1/conf/code-tables/{name}", read, a.getCodeTable},
		{"GET /almaws/v1/conf/test", read, a.test},
		{"POST /almaws/v1/conf/test", write, a.test},
		{"GET /almaws/v1/conf/jobs", read, a.listJobs},
		{"GET /almaws/v1/conf/jobs/{job_id}", read, a.getJob},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances", read, a.listJobInstances},
		{"POST /almaws/v1/conf/jobs/{job_id}/instances", write, a.uploadFile},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", read, a.getJobInstance},
		{"POST /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}", read, a.releaseJobInstance},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/report", read, a.getJobReport},
		{"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/rejected", read, a.getJobRejected},
	}
}

// getCodeTable answers GET /conf/code-tables/{name}: the rows of one of the institution's code tables, described in
// the language lang where they are translated; the answer names the language it is in. An open table, in which every
// code is legal, has no rows.
func (a *API) getCodeTable(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	rows, ok := a.Institution.Table(name)
	if !ok {
		return alma.CodeTableNotFound(name)
	}
	lang := a.Institution.TableLanguage(name, r.URL.Query().Get("lang"))
	desc, _ := a.Institution.Describe("UserPreferredLanguage", lang, lang)
	return alma.Write(w, r, alma.NewCodeTable(name, name, rows, alma.Code{Value: lang, Desc: desc}))
}

// test answers the calls by which clients see whether their key works: GET needs a key that may read the area, POST one
// that may write it.
func (a *API) test(w http.ResponseWriter, r *http.Request) error {
	return alma.Write(w, r, alma.NewTest(r.Method, a.Institution.Code))
}
