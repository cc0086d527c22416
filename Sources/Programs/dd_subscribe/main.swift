import DDSubscribe

DDSubscribe.main()
