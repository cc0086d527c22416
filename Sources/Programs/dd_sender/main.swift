import DDSender

DDSender.main()
