/// Keys that `openssl` made for these tests; they protect nothing.
enum SampleKeys {
  static let sec1 = """
    -----BEGIN EC PRIVATE KEY-----
    MHcCAQEEICcKZumLPU+p1D1N9a+87DIpTceb4M6wh2kzTyAb4NmooAoGCCqGSM49
    AwEHoUQDQgAERUYuLGq/ygy2O5N3TIzFyNz3vcsRfOHfJ+dIvaX2LIKwRzPc1QcQ
    9tdZDgb9CdhLWU9H6SF+tuxmFB7agNwX9g==
    -----END EC PRIVATE KEY-----
    """

  static let pkcs8 = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJwpm6Ys9T6nUPU31
    r7zsMilNx5vgzrCHaTNPIBvg2aihRANCAARFRi4sar/KDLY7k3dMjMXI3Pe9yxF8
    4d8n50i9pfYsgrBHM9zVBxD211kOBv0J2EtZT0fpIX627GYUHtqA3Bf2
    -----END PRIVATE KEY-----
    """

  /// PKCS#8 under the password “x”.
  static let encrypted = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgPuXb5slJKYwICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBUAZuCr91lhbnzF1AB7frMEgZCb
    9oFgHW73fEel1aTgHCkqQXLZV+gTI0V5z9s3tYuvvfBVV1vmWMYqM6bsMqhpTgMf
    ms0BCtsY4KwTNw1L12uR43/U/5XVLuQKFpmbnThgN6wuUyEAeE1IxRJsRujbWocJ
    /NnrjUxgvy63KnsHAVCFYLmNulxEXSkTDYnS6OjK5pvMEVu/p6uIi8euPYFgFws=
    -----END ENCRYPTED PRIVATE KEY-----
    """

  static let p384 = """
    -----BEGIN PRIVATE KEY-----
    MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDrpbWb2Nt19Dq/TvSu
    HYdWfqdMO9tmrDl7bcZzu15oADD2E+BfqDpWP2r2q77Jx5mhZANiAAQvFrbk6Jgf
    vsV9XxHNse59VI952M4RAuWyQMA6bye1+Iiv4YXQa3LStI/pflwN4bx4Poc/s82j
    r5z7RKTYANscaIi+Po2iKYYZuKweH15JD3OaBxTIxqN+UoopMVZbsnw=
    -----END PRIVATE KEY-----
    """

  static let ed25519 = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEICUS+yPz0xTAei7w8RangzEtYQk9TF7JOvDDA7cHu9so
    -----END PRIVATE KEY-----
    """

  static let publicKey = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERUYuLGq/ygy2O5N3TIzFyNz3vcsR
    fOHfJ+dIvaX2LIKwRzPc1QcQ9tdZDgb9CdhLWU9H6SF+tuxmFB7agNwX9g==
    -----END PUBLIC KEY-----
    """

  /// The first with a public key beside it that is another one.
  static let withAnotherPublicKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJwpm6Ys9T6nUPU31
    r7zsMilNx5vgzrCHaTNPIBvg2aihRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth
    +mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ
    -----END PRIVATE KEY-----
    """

  /// x and y of the first key, which the next two hold as well.
  static let point =
    "45462e2c6abfca0cb63b93774c8cc5c8dcf7bdcb117ce1df27e748bda5f62c82"
    + "b04733dcd50710f6d7590e06fd09d84b594f47e9217eb6ec66141eda80dc17f6"
}
