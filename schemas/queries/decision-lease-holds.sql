-- Whether what is written under a lease is written: the condition that the writing statements have.
SELECT /* INCLUDE fence */ AS holds
