import DDPermit

DDPermit.main()
