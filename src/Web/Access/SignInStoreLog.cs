namespace NetworkProtocol.Web.Access;

/// <summary>What <see cref="SignInStore"/> logs.</summary>
internal static partial class SignInStoreLog
{
    [LoggerMessage(131, LogLevel.Error, "The sign-ins cannot be saved, so a restart ends them: {Problem}", EventName = "SessionsNotKept")]
    public static partial void SignInsNotKept(ILogger logger, string problem);

    [LoggerMessage(132, LogLevel.Warning, "{File} cannot be decrypted: all users must sign in again", EventName = "SessionsNotRead")]
    public static partial void SignInsNotRead(ILogger logger, string file);
}
