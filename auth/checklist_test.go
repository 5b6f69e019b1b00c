// The checklist of a native client that signs in with Kinde, line by line, and the
// tests that hold each line.
//
//  1. Secrets of each sign-in, S256 only: TestEachSignInHasSecretsOfItsOwn, TestDiscoveryIsChecked.
//  2. Client credentials in the form, sent once: TestCredentialsGoInTheFormOnce, TestASecretGoesWithItsOwnClientIDAlone.
//  3. Issuer, endpoints, redirects, bodies, deadlines: TestIssuerMustBeHTTPSOrOnThisComputer,
//     TestInsecureHTTPIsAChoice, TestDiscoveryIsChecked, TestEachEndpointIsTheIssuersOwn, TestIssuerThatDoesNotAnswerAsOne,
//     TestTokenEndpointRefusals, TestCompanionsAnswers, TestNoRedirectIsFollowed,
//     TestNoRedirectIsFollowedWithAToken, TestEveryRequestHasADeadline, TestSlowIssuersEnd, FuzzDiscovery.
//  4. The listener: TestListenerIsOnLoopbackAlone, TestRedirectMustBeOnThisComputer,
//     TestTakenPortIsNamedWithItsSetting.
//  5. What it takes: TestHostileCallbacks, TestHeadersAreCapped, TestNoBrowserHoldsTheListener, FuzzCallback.
//  6. The state first, and the first valid one wins: TestHostileCallbacks, TestFirstValidStateWins,
//     TestRefusalsAreOneLineWithANextStep, FuzzCallback.
//  7. The issuer on the callback: TestIssuerOnTheCallback.
//  8. Pages that echo nothing: TestHostileCallbacks (and the tests of package assets).
//  9. An end in time, and by the person: TestSignInEndsInTime, TestSignInCanBeCancelled,
//     TestCancelledWhileDiscovering, TestRefusedByThePerson.
//  10. Browsers, and where there is none: TestBrowserIsCalledWithTheURLAlone, TestBrowserThatCannotBeStarted,
//     TestHeadlessNamesTheReason, TestChildrenDoNotGetOurSecrets, TestPasteTakesTheAddressOfAnotherComputersBrowser,
//     FuzzPaste, TestSignInByCode, TestCodeIdentityWithoutProfile, TestCodeRefusedExpiredOrCancelled,
//     TestCodePollingSlowsDown, TestCodesThatCannotBeHad, TestIssuerWithoutCodes, TestSessionOfACodeWithoutRefresh.
//  11. ID tokens: TestIDTokensAreVerified, TestAccessHashIsChecked, TestEMailOfTheProfileIsThePersonsOwn, TestKeysThatCannotBeHadSayNothingOfTheToken,
//     TestKeysAreAskedForWithoutAToken, TestRenewalForSomebodyElseIsRefused.
//  12. Renewal: TestManyCallersShareOneExchange, TestTwentyProcessesExchangeOnce, TestTwentyProcessesWithKills, TestKilledBetweenExchangeAndSave,
//     TestClosingWaitsForARenewalOnItsWay, TestAProcessThatHoldsTheLockIsNotWaitedForForEver,
//     TestRenewalUsesTheClientIDOfTheSignIn, TestDeadSessionAsksForASignInAndKeepsEverythingElse,
//     TestInvalidGrantReadsOnceMore, TestAnotherAccountsTokensAreNeverAdopted, TestAVaultsEntryIsItsAccountsOwn, TestAKeptJWTIsItsAccountsOwn, TestTokensAreWrittenBeforeTheLockIsFree,
//     TestNoTokenIsSpentWhereNoneCanBeKept, TestRotatedTokenSurvivesAKeyringThatFails, TestUnsavedTokenGivesWayToANewSignIn,
//     TestCancelledCallerLosesNoRotatedToken, TestWrongClocksSignNobodyOut, TestSignedInUnderAWrongClockLivesOn,
//     TestLivesAreCountedByTheLargerClock, TestLivesOfAnotherProcessAreCountedByTheWallClock, TestAProgramThatStaysOpenRenewsByEitherClock,
//     TestSameAccessTokenDoesNotLoop, TestA401RenewsOncePerToken, TestARefusedTokenThatAnotherProcessReplaced,
//     TestCompanionThatRefusesAnOldToken, TestCompanionThatRefusesEverything, FuzzLifetime.
//  13. Outages sign nobody out: TestOutagesSignNobodyOut, TestAskedToWaitMeansWaiting, TestThoseWhoWaitDoNotComeBackAtOnce,
//     TestCompanionOutageKeepsTheTokenThatLives, FuzzRetryAfter.
//  14. A wrong clock is reported: TestWrongClockIsReported, TestACachedAnswerIsNoClock.
//  15. Signing out: TestLogoutDeletesEverySecret, TestSignedOutWhileATokenIsMinted, TestLogoutRevokesWhereItCan, TestLogoutDoesNotWaitForAnIssuerThatHangs, TestLogoutThatFailsCanBeRepeated,
//     TestLogoutURLComesFromDiscovery, TestWhatTheIssuerIsAsked.
//  16. No secret anywhere: TestNoSecretIsWrittenAnywhere, TestSecretIsPrintedByNothing, TestListHoldsNoSecretAndIsPrivate,
//     TestRefusalsAreOneLineWithANextStep, TestRefusalsRepeatNoSecret, TestWhatAConnectionSaysIsPlain, FuzzPlain
//     (and the leak test of the whole program, in package cli).
//  17. Vaults: TestVaultKeepsWhatItIsGiven, TestOSVaultStaysInsideTheItemSizes, TestOSVaultSurvivesBeingKilled,
//     TestOSVaultDeletesAllPartsAlsoWhenKilledWhileDeleting, TestOSVaultLeavesNoOldParts, TestOSVaultTellsDamageFromAValue,
//     TestOSVaultGivesUpOnAKeyringThatWaits, TestKeyringErrorsNameTheNextStep, TestSecretServicePresentThenLocked,
//     TestSecretServiceAbsent, TestSecretServiceWithoutABus, TestFileVaultIsEncryptedPrivateAndWhole,
//     TestFileVaultWorkFactor, FuzzKeyringEntry.
package auth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestChecklistNamesRealTests holds the list above to the tests that there are, and
// to all of its seventeen lines.
func TestChecklistNamesRealTests(t *testing.T) {
	there := testsOfThisPackage(t)
	text, err := os.ReadFile("checklist_test.go")
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(string(text), "\npackage ")
	lines := regexp.MustCompile(`(?m)^//  (\d+)\. `).FindAllString(list, -1)
	named := regexp.MustCompile(`\b(Test|Fuzz)[A-Z]\w+`).FindAllString(list, -1)
	if len(lines) != 17 || len(named) < len(lines) {
		t.Errorf("%d lines name %d tests", len(lines), len(named))
	}
	for _, name := range named {
		if !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func testsOfThisPackage(t *testing.T) map[string]bool {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				there[fn.Name.Name] = true
			}
		}
	}
	return there
}
