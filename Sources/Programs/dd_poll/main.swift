import DDPoll

DDPoll.main()
