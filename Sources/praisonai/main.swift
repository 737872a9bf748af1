print("praisonai")
