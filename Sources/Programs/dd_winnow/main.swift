import DDWinnow

DDWinnow.main()
