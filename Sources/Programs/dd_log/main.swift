import DDLog

DDLog.main()
