import DDWatch

DDWatch.main()
