if (window.SwaggerUIBundle) {
  SwaggerUIBundle({
    url: document.body.dataset.document,
    dom_id: "#swagger-ui",
    deepLinking: true,
    // Its default would show the document to a stranger's server.
    validatorUrl: null,
  });
}
