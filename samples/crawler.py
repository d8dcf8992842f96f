"""Walks an imaginary web of pages with several workers at once."""

import asyncio
import random

LINKS = {
    "/": ["/news", "/about", "/shop"],
    "/news": ["/news/1", "/news/2", "/"],
    "/shop": ["/shop/hats", "/broken"],
    "/about": [],
}


class PageError(Exception):
    """Raised when a page cannot be fetched."""


async def fetch(url):
    await asyncio.sleep(random.uniform(0.01, 0.05))
    if url == "/broken":
        raise PageError(f"cannot fetch {url!r}")
    return LINKS.get(url, [])


async def fetch_with_retry(url, attempts=3):
    for attempt in range(attempts):
        try:
            return await asyncio.wait_for(fetch(url), timeout=1.0)
        except (PageError, asyncio.TimeoutError) as error:
            if attempt == attempts - 1:
                raise
            print(f"retry {url}: {error}")
            await asyncio.sleep(0.01 * 2**attempt)


async def worker(queue, seen, failed):
    while True:
        url = await queue.get()
        try:
            for link in await fetch_with_retry(url):
                if link not in seen:
                    seen.add(link)
                    queue.put_nowait(link)
        except PageError:
            failed.append(url)
        finally:
            queue.task_done()


async def crawl(start, workers=3):
    queue = asyncio.Queue()
    seen = {start}
    failed = []
    queue.put_nowait(start)
    tasks = [asyncio.create_task(worker(queue, seen, failed)) for _ in range(workers)]
    await queue.join()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return seen, failed


async def main():
    async with asyncio.timeout(10):
        seen, failed = await crawl("/")
    print(f"{len(seen)} pages, {len(failed)} failed")
    for url in sorted(seen):
        print(" ", url, "(failed)" if url in failed else "")


if __name__ == "__main__":
    asyncio.run(main())
